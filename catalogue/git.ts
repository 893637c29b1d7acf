import { WorkflowTag } from "../engine/model/tags.ts";
import { defineWorkflow, WorkflowType } from "../engine/model/workflow.ts";
import { AddRepository, RepositoryAdded } from "../functions/git/models.ts";

export const GIT_REPOSITORY_ADD = defineWorkflow({
  name: "git-repository-add-read-write",
  type: WorkflowType.CORE,
  module: "git/flows",
  function: "addRepository",
  parameters: AddRepository,
  result: RepositoryAdded,
  runName: "Adding repository {repositoryName} in branch {branchName}",
  tags: [WorkflowTag.DATABASE_CHANGE],
  description: "Clones a git repository, stores it and records its default branch's head in a branch.",
});
