"""Run BPMN models: the only user of SpiffWorkflow. No database, no clock reading; everything is given."""
