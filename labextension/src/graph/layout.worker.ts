/** Lays out large pictures beside the page, which stays free meanwhile. */
import { layout } from './layout';
import type { Job } from './picture';

const scope = globalThis as unknown as {
  onmessage: (event: MessageEvent<{ number: number; job: Job }>) => void;
  postMessage(answer: unknown): void;
};

scope.onmessage = ({ data: { number, job } }) => {
  scope.postMessage({ number, found: layout(job.items, job.wires, job.direction) });
};
