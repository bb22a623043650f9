/**
 * The Python that the extension runs in kernels; `minitf/notebook/` is the other side. A JSON string is a Python
 * string, so no name can break out of it. A program that has not imported minitf is left alone.
 */
const NOTEBOOK = '__import__("sys").modules["minitf"].notebook';

export interface Wishes {
  rerun: string;
  /** Kilobytes of a display in the saved notebook, by its kind. */
  limits: Record<string, number>;
}

/** The state of the notebook's program, for the side panel. */
export const WORKSPACE = `${NOTEBOOK}.workspace()`;

/** Said to a program that has not imported minitf yet: a panel is seen, and wants to hear of it from then on. */
export const WISH = '__import__("IPython").get_ipython().kernel.__dict__.__setitem__("minitf_panel", True)';

/** What the settings say. */
export function preferences({ rerun, limits }: Wishes): string {
  return `${NOTEBOOK}.prefer(rerun=${JSON.stringify(rerun)}, limits=${JSON.stringify(limits)})`;
}

export const GRAPH = 'import minitf; minitf.show_graph()';

export function variable(name: string): string {
  return `import minitf; minitf.notebook.show_variable(${JSON.stringify(name)})`;
}

export function file(localPath: string): string {
  return `import minitf.notebook; minitf.notebook.open_file(${JSON.stringify(localPath)})`;
}
