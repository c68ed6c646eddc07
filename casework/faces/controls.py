"""Controls that ipywidgets has not: keys that stay at the desk, a button that knows its step, and the time left of a sitting."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import anywidget
import traitlets


class OwnKeys(anywidget.AnyWidget):
    """Shows nothing. While it is on the page, JupyterLab's one-letter commands leave the output it stands in alone.

    Without it an "r" meant for a list of actions turns the cell into raw text, and the desk is gone.
    """

    _esm = """
    export default {
      render({ el }) {
        requestAnimationFrame(() => {
          const area = el.closest('.jp-OutputArea') ?? el.parentElement
          area?.setAttribute('data-lm-suppress-shortcuts', 'true')
          area?.addEventListener('keydown', (event) => {
            if (!event.ctrlKey && !event.metaKey && !event.altKey) event.stopPropagation()
          })
        })
      },
    }
    """


class StepButton(anywidget.AnyWidget):
    """A button that says which step it was shown with. A second click on the same screen says the same step."""

    description = traitlets.Unicode("").tag(sync=True)
    step = traitlets.Unicode("").tag(sync=True)
    disabled = traitlets.Bool(False).tag(sync=True)
    primary = traitlets.Bool(False).tag(sync=True)

    _esm = """
    export default {
      render({ model, el }) {
        const button = document.createElement('button')
        button.className = 'jupyter-widgets jupyter-button widget-button' + (model.get('primary') ? ' mod-primary' : '')
        Object.assign(button.style, { width: '96%', height: 'auto', minHeight: '28px', whiteSpace: 'normal' })
        const paint = () => {
          button.textContent = model.get('description')
          button.disabled = model.get('disabled')
        }
        button.addEventListener('click', () => model.send({ step: model.get('step') }))
        model.on('change:description', paint)
        model.on('change:disabled', paint)
        paint()
        el.append(button)
      },
    }
    """

    def __init__(self, **traits: Any) -> None:
        super().__init__(**traits)
        self._heard: list[Callable[[], None]] = []
        self.on_msg(lambda _, content, __: self.pressed(str(content.get("step"))))

    def on_click(self, heard: Callable[[], None]) -> None:
        """What happens on a press of the step that is shown now."""
        self._heard.append(heard)

    def pressed(self, step: str) -> None:
        """A press that came with a step; one that belongs to an earlier screen does nothing."""
        if step == self.step and not self.disabled:
            for heard in self._heard:
                heard()

    def click(self) -> None:
        self.pressed(self.step)


class Countdown(anywidget.AnyWidget):
    """The real time left of a sitting, ticking in the browser; it tells once when it is over. Empty: nothing is shown."""

    ends_at = traitlets.Unicode("").tag(sync=True)
    left = traitlets.Float(0.0).tag(sync=True)

    _esm = """
    export default {
      render({ model, el }) {
        const said = document.createElement('p')
        said.setAttribute('role', 'timer')
        el.append(said)
        // Counted from the seconds that the desk gave, so that a wrong clock on this computer gives nobody more time.
        let from = performance.now(), told = false
        const tick = () => {
          const on = model.get('ends_at') !== ''
          said.hidden = !on
          if (!on) return
          const left = Math.max(0, model.get('left') - (performance.now() - from) / 1000)
          said.textContent = `${Math.floor(left / 60)} min ${String(Math.floor(left % 60)).padStart(2, '0')} s left of this sitting`
          if (left === 0 && !told) { told = true; model.send({ over: true }) }
        }
        model.on('change:left', () => { from = performance.now(); told = false; tick() })
        model.on('change:ends_at', tick)
        const timer = setInterval(tick, 1000)
        tick()
        return () => clearInterval(timer)
      },
    }
    """

    def __init__(self, **traits: Any) -> None:
        super().__init__(**traits)
        if self.ends_at:
            self.left = max(0.0, (datetime.fromisoformat(self.ends_at) - datetime.now(UTC)).total_seconds() + 1)

    def on_over(self, heard: Callable[[], None]) -> None:
        self.on_msg(lambda _, content, __: heard() if content.get("over") else None)
