/**
 * Who lays out: the page itself for small pictures, which are then there at once; a worker for large ones.
 * All views share one worker. Where none can be started the page does it all.
 */
import { type Layout, layout } from './layout';
import type { Job } from './picture';

type Done = (found: Layout) => void;

const SMALL = 150; // boxes and lines

let worker: Worker | null | undefined;
let count = 0;
const waiting = new Map<number, { job: Job; done: Done }>();

/** Calls `done` with the layout, at once for a small job; returns what makes it forget the job. */
export function layOut(job: Job, done: Done): () => void {
  const helper = job.wires.length + job.items.length <= SMALL ? null : theWorker();
  if (helper === null) {
    done(layout(job.items, job.wires, job.direction));
    return () => {};
  }
  const number = ++count;
  waiting.set(number, { job, done });
  helper.postMessage({ number, job });
  return () => waiting.delete(number);
}

function theWorker(): Worker | null {
  if (worker === undefined) {
    worker = startWorker();
  }
  return worker;
}

function startWorker(): Worker | null {
  if (typeof Worker === 'undefined') {
    return null;
  }
  try {
    const made = new Worker(new URL('./layout.worker', import.meta.url), { type: 'module' });
    made.onmessage = ({ data }: MessageEvent<{ number: number; found: Layout }>) => {
      const job = waiting.get(data.number);
      waiting.delete(data.number);
      job?.done(data.found);
    };
    made.onerror = () => {
      worker = null;
      const left = [...waiting.values()];
      waiting.clear();
      for (const { job, done } of left) {
        done(layout(job.items, job.wires, job.direction));
      }
    };
    return made;
  } catch {
    return null;
  }
}
