/** What a graph view shows, worked out without a page: counts, neighbours, the text. */
import type { Graph, GraphNode } from '../contract/graph';

export class GraphModel {
  readonly svg: string;
  readonly text: string;

  constructor(graph: Graph) {
    this.svg = graph.svg;
    this.text = graph.text || graph.nodes.map(listing).join('\n');
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

  /** One line for a caption: `5 operations in 2 name scopes`. */
  get summary(): string {
    const scopes = [...this.scopeSizes().keys()].filter(scope => scope !== '').length;
    const operations = counted(this.nodes.size, 'operation');
    return scopes === 0 ? operations : `${operations} in ${counted(scopes, 'name scope')}`;
  }

  private readonly nodes: Map<string, GraphNode>;
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
