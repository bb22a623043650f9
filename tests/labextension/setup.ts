// jsdom has no drag and drop; @lumino/widgets names its event class when it is loaded.
class DragEventStandIn extends MouseEvent {}
Object.assign(globalThis, { DragEvent: globalThis.DragEvent ?? DragEventStandIn });
