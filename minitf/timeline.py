"""`tensorflow.python.client.timeline`: a traced run for Chrome's trace viewer."""

from minitf.observe.timeline import Timeline as Timeline
