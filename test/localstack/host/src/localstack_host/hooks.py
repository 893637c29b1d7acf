"""The start hook: self-test again (for starts without our launcher), then every patch."""

import os

from localstack.runtime import hooks


@hooks.on_infra_start(name="localstack_host")
def on_infra_start():
    from localstack_host import dynamodb, items, patches, scheduler, selftest

    found = selftest.problems()
    if found:
        raise SystemExit("localstack-host: " + "; ".join(found))
    skipped = os.environ.get("LOCALSTACK_HOST_SKIP", "").split(",")  # to see what a patch is for
    others = (items.give_items_executions_of_their_own, dynamodb.use_dynoxide, scheduler.add_scheduler_tick)
    for patch in (*patches.ALL, *others):
        if patch.__name__ not in skipped:
            patch()
