/** What a graph view shows, worked out without a page: counts, neighbours, the text. */
import type { Graph, GraphNode } from '../contract/graph';

export class GraphModel {
  readonly svg: string;
  readonly text: string;

  constructor(graph: Graph) {
    this.svg = graph.svg;
    this.text = graph.text || graph.nodes.map(listing).join('\n');
    this.omitted = graph.omitted;
    this.nodes = new Map(graph.nodes.map(node => [node.name, node]));
  }

  node(name: string): GraphNode | undefined {
    return this.nodes.get(name);
  }

  /** Operations that read a tensor of the operation `name`, or wait for it. */
  consumersOf(name: string): GraphNode[] {
    return [...this.nodes.values()].filter(node => node.inputs.some(input => operationOf(input) === name));
  }

  /** How many operations each name scope holds itself; scopes of scopes count apart. */
  scopeSizes(): Map<string, number> {
    const sizes = new Map<string, number>();
    for (const { scope } of this.nodes.values()) {
      sizes.set(scope, (sizes.get(scope) ?? 0) + 1);
    }
    return sizes;
  }

  /** One line for a caption: `5 operations in 2 name scopes, 1 of them from an earlier run of its cell`. */
  get summary(): string {
    const scopes = [...this.scopeSizes().keys()].filter(scope => scope !== '').length;
    const stale = [...this.nodes.values()].filter(node => node.stale).length;
    const operations = counted(this.nodes.size + this.omitted, 'operation');
    const placed = scopes === 0 || this.omitted > 0 ? '' : ` in ${counted(scopes, 'name scope')}`;
    return operations + placed + (stale === 0 ? '' : `, ${stale} of them from an earlier run of a cell`);
  }

  /** What is known of the box `name` of the drawing: an operation in full, or what a name scope holds. */
  details(name: string): string {
    const node = this.nodes.get(name);
    if (node !== undefined) {
      const outputs = node.outputs.length === 0 ? '' : ` → ${node.outputs.join(', ')}`;
      const device = node.device === '' ? '' : ` on ${node.device}`;
      return `${listing(node)}${outputs}${device}, made in ${node.origin}`;
    }
    const within = [...this.nodes.keys()].filter(other => other.startsWith(`${name}/`)).length;
    const known = this.omitted > 0 ? `at least ${within}` : `${within}`;
    return within === 0 ? name : `${name}: a name scope of ${known} operations`;
  }

  private readonly nodes: Map<string, GraphNode>;
  private readonly omitted: number;
}

/** `^init` -> `init`, `dense/kernel:0` -> `dense/kernel`. */
export function operationOf(input: string): string {
  return input.replace(/^\^/, '').replace(/:\d+$/, '');
}

function listing(node: GraphNode): string {
  return `${node.name} = ${node.op}(${node.inputs.join(', ')})`;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
