/**
 * What a view and the kernel say to each other while the kernel runs; `minitf/notebook/view.py` is the
 * other side. A question is `{id, ask, details}`; its answer is `{answers: id, answer}` with buffers, or
 * `{answers: id, problem}`. What the kernel tells without being asked is `{push, ...}` with buffers.
 */

export interface Answer {
  content: Record<string, unknown>;
  buffers: DataView[];
}

export interface Channel {
  /** Rejects with what the kernel says went wrong, and where the kernel is gone. */
  ask(question: string, details?: Record<string, unknown>): Promise<Answer>;
  /** `heard` gets what the kernel pushes; returns what stops it. */
  listen(heard: (content: Record<string, unknown>, buffers: DataView[]) => void): () => void;
}

/** The bytes of a buffer where a typed array may begin. */
export function aligned(buffer: DataView): ArrayBuffer {
  return buffer.buffer.slice(buffer.byteOffset, buffer.byteOffset + buffer.byteLength) as ArrayBuffer;
}
