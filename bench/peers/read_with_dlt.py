"""Reads the invoices of one organization with dlt's rest_api source into DuckDB, as its documentation shows.

    python read_with_dlt.py FOLDER default|tuned            reads what is new
    python read_with_dlt.py FOLDER show ID [ID ...]         prints {"id": "status"} of what was read

BOOKS_URL, BOOKS_TOKEN and BOOKS_ORGANIZATION say where. "tuned" is what a careful user would add: more attempts, because a
minute's limit lasts longer than the five of the default, and a lag, because records change while they are read.
"""

import json
import os
import sys

import dlt
from dlt.sources.helpers import requests
from dlt.sources.rest_api import rest_api_source

FOLDER, COMMAND = sys.argv[1], sys.argv[2]
os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"

pipeline = dlt.pipeline(
    pipeline_name="books",
    pipelines_dir=os.path.join(FOLDER, "state"),
    destination=dlt.destinations.duckdb(os.path.join(FOLDER, "warehouse.duckdb")),
    dataset_name="books",
)


def source(tuned: bool):
    incremental = {
        "cursor_path": "last_modified_time",
        "initial_value": "2020-01-01T00:00:00+0000",
    }
    client = {
        "base_url": f"{os.environ['BOOKS_URL']}/books/v3/",
        "headers": {"Authorization": f"Zoho-oauthtoken {os.environ['BOOKS_TOKEN']}"},
        "paginator": {
            "type": "page_number",
            "base_page": 1,
            "total_path": None,
            "has_more_path": "page_context.has_more_page",
        },
    }
    if tuned:
        incremental["lag"] = 300.0
        # Waits 1, 2, 4, 8, 16, 32 seconds and so on: together longer than a minute.
        client["session"] = requests.Client(raise_for_status=False, request_max_attempts=10, request_max_retry_delay=120).session
    return rest_api_source(
        {
            "client": client,
            "resources": [
                {
                    "name": "invoices",
                    "primary_key": "invoice_id",
                    "write_disposition": "merge",
                    "endpoint": {
                        "path": "invoices",
                        "data_selector": "invoices",
                        "params": {
                            "organization_id": os.environ["BOOKS_ORGANIZATION"],
                            "per_page": 200,
                            "sort_column": "created_time",
                            "sort_order": "A",
                            "last_modified_time": {"type": "incremental", **incremental},
                        },
                    },
                }
            ],
        }
    )


def show(ids):
    with pipeline.sql_client() as sql:
        rows = sql.execute_sql("SELECT invoice_id, status FROM invoices")
    found = dict(rows)
    print(json.dumps({"rows": len(found), "statuses": {key: found.get(key) for key in ids}}))


if COMMAND == "show":
    show(sys.argv[3:])
else:
    pipeline.run(source(COMMAND == "tuned"))
