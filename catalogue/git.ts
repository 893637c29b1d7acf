import * as z from "zod";
import { ConcurrencyLimitStrategy } from "../engine/model/limit.ts";
import { WorkflowTag } from "../engine/model/tags.ts";
import { defineWorkflow, WorkflowType } from "../engine/model/workflow.ts";
import { AddRepository, RepositoriesSynced, RepositoryAdded } from "../functions/git/models.ts";

export const GIT_REPOSITORY_ADD = defineWorkflow({
  name: "git-repository-add-read-write",
  type: WorkflowType.CORE,
  module: "git/flows",
  function: "addRepository",
  parameters: AddRepository,
  result: RepositoryAdded,
  runName: "Adding repository {repositoryName} in branch {branchName}",
  tags: [WorkflowTag.DATABASE_CHANGE],
  description: "Clones a git repository, stores it and records in a branch the head that the branch follows.",
});

export const GIT_REPOSITORIES_SYNC = defineWorkflow({
  name: "git_repositories_sync",
  type: WorkflowType.INTERNAL,
  module: "git/flows",
  function: "syncRepositories",
  parameters: z.object({}),
  result: RepositoriesSynced,
  cron: "* * * * *",
  concurrencyLimit: 1,
  concurrencyStrategy: ConcurrencyLimitStrategy.CANCEL_NEW,
  timeoutSeconds: 900,
  unchanged: ({ moved }) => moved.length === 0,
  description: "Asks the remotes of all repositories for new commits, and starts a run for each branch that moved.",
});
