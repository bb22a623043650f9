/** What JupyterLab loads: the list of plugins. (The renderers are named in package.json.) */
import { documents } from './lab/documents';
import { origin } from './lab/origin';
import { panel } from './lab/panel';
import { settings } from './lab/settings';
import { tutorial } from './lab/tutorial';
import { widgets } from './lab/widgets';

export default [documents, origin, panel, settings, tutorial, widgets];
