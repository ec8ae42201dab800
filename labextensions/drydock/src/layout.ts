import { ILabShell } from '@jupyterlab/application';
import { DockLayout, DockPanel, Widget } from '@lumino/widgets';

const PANEL_SHARE = 0.44; // of the width, for the panel of an exercise
const TASK_SHARE = 0.52; // of the height, for the task above its file

/** The dock panel that a widget is in. */
function dockOf(widget: Widget | undefined): DockPanel | null {
  return widget?.parent instanceof DockPanel ? widget.parent : null;
}

/** Whether two widgets are tabs in the same place. */
export function together(one: Widget, other: Widget): boolean {
  for (const bar of dockOf(one)?.tabBars() ?? []) {
    if (bar.titles.includes(one.title)) {
      return bar.titles.includes(other.title);
    }
  }
  return false;
}

/** Bring a tab to sight, without the focus, unless that hides `reader`. */
export function toSight(widget: Widget | undefined, reader: Widget): void {
  const dock = dockOf(widget);
  if (widget && dock && !widget.isVisible && !together(widget, reader)) {
    dock.selectWidget(widget);
  }
}

/** Give a panel its share of the width, and a task its share of the height. */
export function share(task: Widget, file: Widget | undefined, panel: Widget | undefined): void {
  const dock = dockOf(task);
  const layout = dock?.layout;
  if (!dock || !(layout instanceof DockLayout)) {
    return;
  }
  const whole = dock.node.getBoundingClientRect();
  const upper = task.node.getBoundingClientRect();
  if (panel?.isVisible && panel.node.getBoundingClientRect().left >= upper.right - 1) {
    move(layout, 'horizontal', upper.right, whole.left + whole.width * (1 - PANEL_SHARE));
  }
  if (file?.isVisible && file.node.getBoundingClientRect().top >= upper.bottom - 1) {
    move(layout, 'vertical', upper.bottom, whole.top + whole.height * TASK_SHARE);
  }
}

/** Move the handle nearest to an edge. */
function move(layout: DockLayout, orientation: 'horizontal' | 'vertical', edge: number, to: number): void {
  const sideways = orientation === 'horizontal';
  const origin = layout.parent!.node.getBoundingClientRect();
  let nearest: { handle: HTMLDivElement; distance: number } | null = null;
  for (const handle of layout.handles()) {
    const box = handle.getBoundingClientRect();
    const wide = box.width > box.height;
    if (wide === sideways || (box.width === 0 && box.height === 0)) {
      continue;
    }
    const distance = Math.abs((sideways ? box.left : box.top) - edge);
    if (!nearest || distance < nearest.distance) {
      nearest = { handle, distance };
    }
  }
  if (nearest) {
    layout.moveHandle(nearest.handle, sideways ? to - origin.left : 0, sideways ? 0 : to - origin.top);
  }
}

/** The list of files out of the way. */
export function collapseFiles(shell: ILabShell | null): void {
  if (shell && !shell.leftCollapsed) {
    shell.collapseLeft();
  }
}
