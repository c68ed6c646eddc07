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
        Object.assign(button.style, { width: '96%', height: 'auto', minHeight: '28px', whiteSpace: 'normal', lineHeight: '1.35', padding: '4px 8px' })
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


class TrayList(anywidget.AnyWidget):
    """A list of papers, two lines each with their marks; one is chosen, by click or by arrow keys.

    `rows` are plain values: id, who, when, what, unread, and chips as (text, kind). All of it is shown as text.
    """

    rows = traitlets.List(traitlets.Dict()).tag(sync=True)
    value = traitlets.Unicode(None, allow_none=True).tag(sync=True)
    label = traitlets.Unicode("Tray").tag(sync=True)

    _css = """
    .cw-tray { max-height: 46vh; min-height: 120px; overflow: auto; border: 1px solid var(--line, #dedbd2); border-radius: 6px;
      background: var(--panel, #fff); color: var(--ink, #1f2328); font: 13px/1.45 system-ui, "Segoe UI", "DejaVu Sans", sans-serif; width: 96%; margin: 2px; }
    .cw-tray:focus-visible { outline: 2px solid var(--accent, #1b5e7a); outline-offset: 1px; }
    .cw-tray [role=option] { padding: 7px 10px; border-bottom: 1px solid var(--line, #dedbd2); cursor: pointer; }
    .cw-tray [aria-selected=true] { background: var(--soft, #e3eff4); box-shadow: inset 3px 0 var(--accent, #1b5e7a); }
    .cw-tray .who { display: flex; justify-content: space-between; gap: 8px; color: var(--quiet, #5c6370); font-size: 12px; }
    .cw-tray .what { overflow-wrap: anywhere; }
    .cw-tray .unread .what { font-weight: 600; }
    .cw-tray .chip { display: inline-block; margin: 3px 4px 0 0; padding: 0 7px; border-radius: 99px; font-size: 12px; border: 1px solid var(--line, #dedbd2); }
    .cw-tray .chip.over { background: var(--bad-soft, #f9e6e7); color: var(--bad, #a3232f); border-color: transparent; }
    .cw-tray .chip.due { background: var(--warm-soft, #fbeee3); color: var(--warm, #a8480c); border-color: transparent; }
    .cw-tray .chip.ok { background: var(--good-soft, #e6f1e8); color: var(--good, #2b6a3f); border-color: transparent; }
    .cw-tray .chip.ext { background: var(--soft, #e3eff4); color: var(--accent, #1b5e7a); border-color: transparent; }
    .cw-tray .none { padding: 14px 12px; color: var(--quiet, #5c6370); }
    """
    _esm = """
    let lists = 0
    export default {
      render({ model, el }) {
        const prefix = `cw-tray-${++lists}-`
        const list = document.createElement('div')
        list.className = 'cw-tray'
        list.setAttribute('role', 'listbox')
        list.tabIndex = 0
        const span = (className, text) => {
          const made = document.createElement('span')
          made.className = className
          made.textContent = text
          return made
        }
        const choose = (id) => { model.set('value', id); model.save_changes() }
        const mark = () => {
          const value = model.get('value')
          list.removeAttribute('aria-activedescendant')
          for (const option of list.querySelectorAll('[role=option]')) {
            const on = option.dataset.id === value
            option.setAttribute('aria-selected', String(on))
            if (on) { list.setAttribute('aria-activedescendant', option.id); option.scrollIntoView({ block: 'nearest' }) }
          }
        }
        const paint = () => {
          list.setAttribute('aria-label', model.get('label'))
          const rows = model.get('rows')
          list.replaceChildren(...rows.map((row, n) => {
            const option = document.createElement('div')
            option.setAttribute('role', 'option')
            option.id = prefix + n
            option.dataset.id = row.id
            option.className = row.unread ? 'unread' : ''
            const who = span('who', '')
            who.append(span('', row.who), span('', row.when))
            const chips = span('', '')
            for (const [text, kind] of row.chips) chips.append(span(`chip ${kind}`, text))
            option.append(who, span('what', row.what), document.createElement('br'), chips)
            option.addEventListener('click', () => choose(row.id))
            return option
          }))
          if (!rows.length) {
            const none = document.createElement('div')
            none.setAttribute('role', 'option')
            none.setAttribute('aria-disabled', 'true')
            none.className = 'none'
            none.textContent = 'Nothing here'
            list.append(none)
          }
          mark()
        }
        list.addEventListener('keydown', (event) => {
          const ids = model.get('rows').map((row) => row.id)
          const at = ids.indexOf(model.get('value'))
          const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: ids.length - 1 }[event.key]
          if (to === undefined) return
          event.preventDefault()
          if (ids[to] !== undefined) choose(ids[to])
        })
        model.on('change:rows', paint)
        model.on('change:value', mark)
        paint()
        el.append(list)
      },
    }
    """

    @property
    def ids(self) -> list[str]:
        return [row["id"] for row in self.rows]


class LevelPicker(anywidget.AnyWidget):
    """The levels of a criterion with their anchors; one is chosen by click, arrow keys or its digit.

    `levels` are plain values: level, anchor, and whether the machine hints at it. All of it is shown as text.
    """

    levels = traitlets.List(traitlets.Dict()).tag(sync=True)
    value = traitlets.Unicode(None, allow_none=True).tag(sync=True)
    label = traitlets.Unicode("Level").tag(sync=True)

    _css = """
    .cw-levels { display: grid; gap: 4px; width: 96%; margin: 2px; font: 13px/1.45 system-ui, "Segoe UI", "DejaVu Sans", sans-serif; color: var(--ink, #1f2328); }
    .cw-levels [role=radio] { display: grid; grid-template-columns: 22px 1fr; padding: 6px 8px; border: 1px solid var(--line, #dedbd2); border-radius: 6px; background: var(--panel, #fff); cursor: pointer; }
    .cw-levels [aria-checked=true] { background: var(--soft, #e3eff4); border-color: var(--accent, #1b5e7a); }
    .cw-levels [role=radio]:focus-visible { outline: 2px solid var(--accent, #1b5e7a); outline-offset: 1px; }
    .cw-levels kbd { color: var(--quiet, #5c6370); font: inherit; }
    .cw-levels .anchor { color: var(--quiet, #5c6370); overflow-wrap: anywhere; }
    """
    _esm = """
    export default {
      render({ model, el }) {
        const group = document.createElement('div')
        group.className = 'cw-levels'
        group.setAttribute('role', 'radiogroup')
        const choose = (level, focus) => {
          model.set('value', level)
          model.save_changes()
          mark(focus)
        }
        const mark = (focus) => {
          const options = [...group.querySelectorAll('[role=radio]')]
          const on = options.find((option) => option.dataset.level === model.get('value'))
          for (const option of options) {
            option.setAttribute('aria-checked', String(option === on))
            option.tabIndex = option === (on ?? options[0]) ? 0 : -1
          }
          if (focus && on) on.focus()
        }
        const paint = () => {
          const had = group.contains(document.activeElement)
          group.setAttribute('aria-label', model.get('label'))
          group.replaceChildren(...model.get('levels').map((one, n) => {
            const option = document.createElement('div')
            option.setAttribute('role', 'radio')
            option.dataset.level = one.level
            const key = document.createElement('kbd')
            key.textContent = String(n + 1)
            const words = document.createElement('div')
            const name = document.createElement('div')
            name.textContent = one.level + (one.hint ? ' (the automatic rating)' : '')
            const anchor = document.createElement('div')
            anchor.className = 'anchor'
            anchor.textContent = one.anchor
            words.append(name, anchor)
            option.append(key, words)
            option.addEventListener('click', () => choose(one.level, true))
            return option
          }))
          mark(had)
        }
        group.addEventListener('keydown', (event) => {
          const levels = model.get('levels').map((one) => one.level)
          const at = levels.indexOf(model.get('value'))
          const digit = /^[1-9]$/.test(event.key) ? Number(event.key) - 1 : undefined
          const to = digit ?? { ArrowDown: at + 1, ArrowRight: at + 1, ArrowUp: at - 1, ArrowLeft: at - 1, ' ': Math.max(at, 0) }[event.key]
          if (to === undefined) return
          event.preventDefault()
          if (levels[to] !== undefined) choose(levels[to], true)
        })
        model.on('change:levels', paint)
        model.on('change:value', () => mark(false))
        paint()
        el.append(group)
      },
    }
    """
