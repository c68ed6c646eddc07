"""Controls that ipywidgets has not: keys that stay at the desk, and a button that knows the step it was shown with."""

from __future__ import annotations

from collections.abc import Callable
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
