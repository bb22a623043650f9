/** What JupyterLab loads: the list of plugins. (The renderers are named in package.json.) */
import { documents } from './lab/documents';
import { panel } from './lab/panel';
import { tutorial } from './lab/tutorial';
import { widgets } from './lab/widgets';

export default [documents, panel, tutorial, widgets];
