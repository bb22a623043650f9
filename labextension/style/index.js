import './index.css';
import './workspace.css';
