/**
 * Searching a graph: `MatMul OR conv.*Relu`, `op:Const AND NOT name:^loss`, `shape:(\?, 10)`.
 *
 * Words are regular expressions, without regard to case, and stand for any field; a prefix asks one field.
 * A blank means AND, which binds closer than OR. A word that is no regular expression is taken as it stands.
 */
import type { GraphNode } from '../contract/columns';

const FIELDS: Record<string, (node: GraphNode) => string> = {
  name: node => node.name,
  op: node => node.op,
  attr: node => node.attrs.join('\n'),
  shape: node => node.outputs.join('\n'),
  device: node => node.device,
  cell: node => node.origin,
  role: node => node.role
};

const ANYWHERE = ['name', 'op', 'attr', 'shape'];

export type Predicate = (node: GraphNode) => boolean;

/** What `query` asks of an operation; null for an empty query. */
export function parse(query: string): Predicate | null {
  const alternatives: Predicate[] = [];
  for (const part of query.split(/\s+OR\s+/)) {
    const terms = part.split(/\s+/).filter(word => word !== '' && word !== 'AND');
    const wanted: Predicate[] = [];
    for (let i = 0; i < terms.length; i++) {
      const word = terms[i] as string;
      if (word === 'NOT' && i + 1 < terms.length) {
        const unwanted = term(terms[++i] as string);
        wanted.push(node => !unwanted(node));
      } else {
        wanted.push(term(word));
      }
    }
    if (wanted.length > 0) {
      alternatives.push(node => wanted.every(test => test(node)));
    }
  }
  return alternatives.length === 0 ? null : node => alternatives.some(test => test(node));
}

function term(word: string): Predicate {
  const [, prefix = '', rest = ''] = /^([a-z]+):(.*)$/s.exec(word) ?? [];
  const field = Object.hasOwn(FIELDS, prefix) ? FIELDS[prefix] : undefined;
  const pattern = expression(field === undefined ? word : rest);
  if (field !== undefined) {
    return node => pattern.test(field(node));
  }
  return node => ANYWHERE.some(name => pattern.test(FIELDS[name]?.(node) ?? ''));
}

function expression(text: string): RegExp {
  try {
    return new RegExp(text, 'i');
  } catch {
    return new RegExp(text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'), 'i');
  }
}
