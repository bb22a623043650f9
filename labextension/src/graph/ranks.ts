/** Which rank each node has, when all links run downwards. */
import type { Link, Node } from './layered';

/** The links, with those turned round that would close a cycle (found depth first, in order of the nodes). */
export function withoutCycles(count: number, links: Link[]): Link[] {
  const from: number[][] = Array.from({ length: count }, () => []);
  links.forEach((link, i) => {
    from[link.source]?.push(i);
  });
  const state = new Uint8Array(count); // 1: on the path, 2: done
  const turned = new Set<number>();
  for (let root = 0; root < count; root++) {
    const path: [number, number][] = state[root] === 0 ? [[root, 0]] : [];
    state[root] ||= 1;
    while (path.length > 0) {
      const top = path[path.length - 1] as [number, number];
      const next = from[top[0]]?.[top[1]++];
      if (next === undefined) {
        state[top[0]] = 2;
        path.pop();
        continue;
      }
      const target = links[next]?.target ?? 0;
      if (state[target] === 1) {
        turned.add(next);
      } else if (state[target] === 0) {
        state[target] = 1;
        path.push([target, 0]);
      }
    }
  }
  return links.map((link, i) => (turned.has(i) ? { source: link.target, target: link.source } : link));
}

/** The longest way from the start; what starts a way is then moved near to what takes it. */
export function ranksOf(nodes: Node[], links: Link[]): number[] {
  const count = nodes.length;
  const out: number[][] = Array.from({ length: count }, () => []);
  const incoming = new Int32Array(count);
  for (const { source, target } of links) {
    if (source !== target) {
      out[source]?.push(target);
      incoming[target] = (incoming[target] ?? 0) + 1;
    }
  }
  const waiting = Int32Array.from(incoming);
  const sorted: number[] = [];
  for (let i = 0; i < count; i++) {
    if (waiting[i] === 0) {
      sorted.push(i);
    }
  }
  const ports = nodes.some(node => node.rank === 'first') ? 1 : 0;
  const ranks: number[] = nodes.map(node => (node.rank === 'first' ? 0 : ports));
  for (let i = 0; i < sorted.length; i++) {
    const node = sorted[i] as number;
    for (const target of out[node] ?? []) {
      ranks[target] = Math.max(ranks[target] ?? 0, (ranks[node] ?? 0) + 1);
      waiting[target] = (waiting[target] ?? 1) - 1;
      if (waiting[target] === 0) {
        sorted.push(target);
      }
    }
  }
  for (const node of sorted.reverse()) {
    const targets = out[node] ?? [];
    if (nodes[node]?.rank === undefined && targets.length > (incoming[node] ?? 0)) {
      ranks[node] = Math.min(...targets.map(target => ranks[target] ?? 0)) - 1;
    }
  }
  const lowest = Math.max(0, ...nodes.map((node, i) => (node.rank === 'last' ? 0 : (ranks[i] ?? 0)))) + 1;
  return ranks.map((rank, i) => (nodes[i]?.rank === 'last' ? Math.max(lowest, rank) : rank));
}
