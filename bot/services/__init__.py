"""Starting the processes of the service and keeping them alive."""
