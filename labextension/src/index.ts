/** What JupyterLab loads: the list of plugins. (The graph renderer is named in package.json.) */
import { tutorial } from './lab/tutorial';

export default [tutorial];
