/** Questions to a kernel and its answers, over whatever carries messages. */

import type { Answer, Channel } from '../contract/channel';
import { say } from '../elements/words';

type Heard = (content: Record<string, unknown>, buffers: DataView[]) => void;
type Asked = { resolve: (answer: Answer) => void; reject: (error: Error) => void };

export class Conversation implements Channel {
  constructor(private readonly send: (content: Record<string, unknown>) => void) {}

  ask(question: string, details: Record<string, unknown> = {}): Promise<Answer> {
    const id = ++this.questions;
    return new Promise((resolve, reject) => {
      this.asked.set(id, { resolve, reject });
      this.send({ id, ask: question, details });
    });
  }

  listen(heard: Heard): () => void {
    this.listeners.add(heard);
    return () => this.listeners.delete(heard);
  }

  hear(content: Record<string, unknown>, buffers: DataView[]): void {
    const asked = this.asked.get(content.answers as number);
    if (asked === undefined) {
      this.listeners.forEach(heard => void heard(content, buffers));
      return;
    }
    this.asked.delete(content.answers as number);
    if (typeof content.problem === 'string') {
      asked.reject(new Error(content.problem));
    } else {
      asked.resolve({ content: content.answer as Record<string, unknown>, buffers });
    }
  }

  /** Nobody answers any more. */
  end(): void {
    for (const { reject } of this.asked.values()) {
      reject(new Error(say('The kernel no longer knows this view.')));
    }
    this.asked.clear();
  }

  private readonly asked = new Map<number, Asked>();
  private readonly listeners = new Set<Heard>();
  private questions = 0;
}
