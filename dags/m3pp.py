"""Northgate M3PP / Assure: assets, their attributes, and worksheets."""

from casebridge.airflow.factory import action_dag

create_asset = action_dag("m3pp", "create_asset")
create_worksheet = action_dag("m3pp", "create_worksheet")
update_asset_attribute_by_property = action_dag("m3pp", "update_asset_attribute_by_property")
update_asset_attribute = action_dag("m3pp", "update_asset_attribute")
asset = action_dag("m3pp", "asset")
worksheet = action_dag("m3pp", "worksheet")
