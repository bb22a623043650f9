import './controls.css';
import './graph.css';
import './scopes.css';
import './workspace.css';
import './values.css';
import './theme.css';
