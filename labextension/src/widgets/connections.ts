/** Which views of this page have a kernel that answers: a display names a model, and here they meet. */
import type { Channel } from '../contract/channel';

type Use = (channel: Channel | null) => void;

const channels = new Map<string, Channel>();
const users = new Map<string, Set<Use>>();

/** The model `id` answers from now on; null: no longer. */
export function connect(id: string, channel: Channel | null): void {
  if (channel === null) {
    channels.delete(id);
  } else {
    channels.set(id, channel);
  }
  for (const use of [...(users.get(id) ?? [])]) {
    use(channel);
  }
}

/** Calls `use` when the model `id` answers, and with null when it stops. Returns what ends this. */
export function whenConnected(id: string, use: Use): () => void {
  const waiting = users.get(id) ?? new Set();
  users.set(id, waiting.add(use));
  const channel = channels.get(id);
  if (channel !== undefined) {
    use(channel);
  }
  return () => {
    waiting.delete(use);
    if (waiting.size === 0) {
      users.delete(id);
    }
  };
}

export function isConnected(id: string): boolean {
  return channels.has(id);
}
