/** A kernel that answers from a list, and remembers what it was asked. */
import type { Answer, Channel } from '../../labextension/src/contract/channel';

type Content = Record<string, unknown>;
type Answers = Record<string, (details: Content) => { content: Content; buffers?: ArrayBuffer[] }>;

export class FakeKernel implements Channel {
  readonly asked: { ask: string; details: Content }[] = [];

  constructor(private readonly answers: Answers = {}) {}

  async ask(question: string, details: Content = {}): Promise<Answer> {
    this.asked.push(JSON.parse(JSON.stringify({ ask: question, details })));
    const answer = this.answers[question];
    if (answer === undefined) {
      throw new Error(`KeyError: '${question}'`);
    }
    const { content, buffers = [] } = answer(details);
    return { content, buffers: buffers.map(buffer => new DataView(buffer)) };
  }

  listen(heard: (content: Content, buffers: DataView[]) => void): () => void {
    this.listeners.add(heard);
    return () => this.listeners.delete(heard);
  }

  push(content: Content, buffers: ArrayBuffer[] = []): void {
    for (const heard of this.listeners) {
      heard(
        content,
        buffers.map(buffer => new DataView(buffer))
      );
    }
  }

  readonly listeners = new Set<(content: Content, buffers: DataView[]) => void>();
}

/** Lets every promise that is due come due. */
export async function settled(): Promise<void> {
  await new Promise(resolve => setTimeout(resolve, 0));
}
