import { expect, test } from 'vitest';
import { file, GRAPH, preferences, variable, WORKSPACE } from '../../../labextension/src/lab/expressions';

test('what is run in kernels is what Python tries', async () => {
  const asked = {
    workspace: WORKSPACE,
    preferences: preferences({ rerun: 'accumulate', limits: { graph: 20, curves: 30, checkpoint: 40 } }),
    graph: GRAPH,
    variable: variable('net/weights'),
    file: file('runs/graph.pb')
  };
  await expect(`${JSON.stringify(asked, null, 1)}\n`).toMatchFileSnapshot('../samples/expressions.json');
});

test('no name breaks out of its string', () => {
  const name = '"); import os; os.abort() #';
  expect(variable(name)).toBe(`import minitf; minitf.notebook.show_variable(${JSON.stringify(name)})`);
});
