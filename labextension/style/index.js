import './graph.css';
import './workspace.css';
import './values.css';
