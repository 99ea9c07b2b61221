"""How our names of a Worksheet's fields are written on the wire. FACT or INFERRED; the ASSUMED ones: profile.yaml."""

from __future__ import annotations

CREATE = {
    "uprn": "Uprn",
    "account_site_id": "AccountSiteId",
    "usrn": "Usrn",
    "service_id": "ServiceId",
    "worksheet_reference": "WorksheetReference",
    "worksheet_message": "WorksheetMessage",
    "work_location_address": "WorkLocationAddress",
    "work_location_name": "WorkLocationName",
    "work_location_latitude": "WorkLocationLatitude",
    "work_location_longitude": "WorkLocationLongitude",
    "work_location_northing": "WorkLocationNorthing",
    "work_location_easting": "WorkLocationEasting",
    "worksheet_start_date": "WorksheetStartDate",
    "worksheet_due_date": "WorksheetDueDate",
    "ad_hoc_round_instance_id": "AdHocRoundInstanceId",
    "role_id": "RoleId",
    "role_name": "RoleName",
}

WORKSHEET = {
    "worksheet_id": ("WorksheetID", "WorksheetId"),
    "status": ("WorksheetStatusName",),
    "subject": ("WorksheetSubject",),
    "message": ("WorksheetMessage",),
    "start_date": ("WorksheetStartDate",),
    "due_date": ("WorksheetDueDate",),
    "completed_date": ("WorksheetCompletedDate",),
    "approved_date": ("WorksheetApprovedDate",),
    "escalated_date": ("WorksheetEscallatedDate",),  # sic
    "expiry_date": ("WorksheetExpiryDate",),
    "payment_date": ("WorksheetPaymentDate",),
    "assigned_to_id": ("WorksheetAssignedToID",),
    "assigned_to_type_id": ("WorksheetAssignedToTypeID",),
    "importance_id": ("WorksheetImportanceID",),
    "work_location_address_id": ("WorkLocationAddressID",),
    "work_location_address": ("WorkLocationAddress",),
    "work_location_name": ("WorkLocationName",),
    "work_location_text": ("WorkLocationText",),
    "work_location_latitude": ("WorkLocationLatitude",),
    "work_location_longitude": ("WorkLocationLongitude",),
    "work_location_northing": ("WorkLocationNorthing",),
    "work_location_easting": ("WorkLocationEasting",),
    "authority_id": ("AuthorityID",),
    "authority_name": ("AuthorityName",),
    "workflow_instance_id": ("WorkflowInstanceID",),
    "instance_guid": ("InstanceGuid",),
    "workflow_file_id": ("WorkflowFileID",),
    "workflow_file_name": ("WorkflowFileName",),
    "instance_current_state": ("InstanceCurrentState",),
}
"""Our name -> the wire names that are tried, in order."""
