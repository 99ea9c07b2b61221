"""The use cases: plan, call, apply, receive, preview. The DAGs, the command line and the pages run the same steps."""
