import './index.css';
import './workspace.css';
import './values.css';
