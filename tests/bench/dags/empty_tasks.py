"""As many tasks as an action has, that do nothing: what Airflow itself costs."""

from airflow.sdk import DAG, BaseOperator, chain


class Nothing(BaseOperator):
    def execute(self, context):
        return None


# In the action's pool, so that no more of them run at a time than of the action's tasks.
with DAG("bench__empty_tasks", schedule=None, max_active_runs=5_000, default_args={"pool": "casebridge_whitespace"}):
    chain(*(Nothing(task_id=f"nothing_{number}") for number in (1, 2, 3)))
