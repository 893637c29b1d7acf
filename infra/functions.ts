import { Duration, Stack } from "aws-cdk-lib";
import { Code } from "aws-cdk-lib/aws-lambda";
import type { RetentionDays } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";
import type { CompiledWorkflow } from "../engine/model/compiled.ts";
import { resourceName, SETTLE_FUNCTION, SUBMIT_FUNCTION } from "../engine/model/wire.ts";
import { assemblyDirectory } from "./assembly.ts";
import { bundleFunctions } from "./bundle.ts";
import { usedDomains, type Domains } from "./domains.ts";
import { functionEntries, type Entry } from "./entries.ts";
import { machineArn } from "./machine-arn.ts";
import { NodeFunction, type FunctionOptions } from "./node-function.ts";
import type { Storage } from "./storage.ts";

export interface FunctionsProps {
  readonly stack: string;
  /** The directory of `catalogue/` and `functions/`. */
  readonly root: string;
  readonly workflows: readonly CompiledWorkflow[];
  readonly domains: Domains;
  readonly storage: Storage;
  readonly logRetention: RetentionDays;
  /** Workflow → the age in seconds from which on submit drops a fire of its schedule. */
  readonly maximumAges: { readonly [workflow: string]: number };
}

/** Lambda's longest: a task says itself how long it may take. */
const TASK_TIMEOUT = Duration.minutes(15);
const OWN_TIMEOUT = Duration.seconds(30);

/** One Lambda function for each domain that the workflows use, submit and settle; each may do what its code does. */
export class Functions extends Construct {
  readonly domains: ReadonlyMap<string, NodeFunction>;
  readonly submit: NodeFunction;
  readonly settle: NodeFunction;
  private readonly props: FunctionsProps;
  private readonly codes: ReadonlyMap<string, Code>;

  constructor(scope: Construct, id: string, props: FunctionsProps) {
    super(scope, id);
    const domains = usedDomains(props.stack, props.workflows, props.domains);
    this.props = props;
    this.codes = this.bundle(functionEntries(props.root, props.workflows, domains, props.domains));
    this.domains = new Map(domains.map((domain) => [domain, this.createDomain(domain)]));
    this.submit = this.createSubmit();
    this.settle = this.createSettle();
  }

  private createDomain(domain: string): NodeFunction {
    const { storage, domains } = this.props;
    const options = domains[domain] ?? {};
    const variables = { MILLRACE_DOMAIN: domain, MILLRACE_BUCKET: storage.bucket.bucketName };
    const made = this.create(domain, `Tasks of functions/${domain}`, TASK_TIMEOUT, {
      ...options,
      environment: { ...variables, ...options.environment },
    });
    storage.grantDomain(made.role, domain);
    return made;
  }

  private createSubmit(): NodeFunction {
    const environment = { MILLRACE_MAX_AGE: JSON.stringify(this.props.maximumAges) };
    const made = this.create(SUBMIT_FUNCTION, "Admits and starts runs", OWN_TIMEOUT, { environment });
    this.props.storage.grantRuns(made.role, ["PutItem", "UpdateItem"]);
    made.grantRuns(["states:StartExecution"], machineArn(this, this.props.stack, "*"));
    return made;
  }

  private createSettle(): NodeFunction {
    const made = this.create(SETTLE_FUNCTION, "Writes the start and the end of runs", OWN_TIMEOUT);
    this.props.storage.grantRuns(made.role, ["GetItem", "UpdateItem"]);
    const executions = machineArn(this, this.props.stack, "*:*", "execution");
    made.grantRuns(["states:DescribeExecution", "states:StopExecution"], executions);
    return made;
  }

  private create(name: string, description: string, timeout: Duration, options: FunctionOptions = {}): NodeFunction {
    const { stack, storage, logRetention } = this.props;
    return new NodeFunction(this, name, {
      ...options,
      functionName: resourceName(stack, name),
      description,
      timeout,
      logRetention,
      code: this.codes.get(name) ?? PLACEHOLDER,
      environment: { MILLRACE_STACK: stack, MILLRACE_TABLE: storage.table.tableName, ...options.environment },
    });
  }

  private bundle(entries: ReadonlyMap<string, Entry>): ReadonlyMap<string, Code> {
    if (!Stack.of(this).bundlingRequired) return new Map();
    const outdir = assemblyDirectory(this, "functions", this.props.stack);
    const bundles = bundleFunctions({ root: this.props.root, entries, outdir });
    return new Map(Array.from(bundles, ([name, { directory }]) => [name, Code.fromAsset(directory)]));
  }
}

/** `cdk destroy` and `cdk list` need no code. */
const PLACEHOLDER = Code.fromInline("export const handler = () => {};");
