import { ArnFormat, Duration, Stack } from "aws-cdk-lib";
import { PolicyStatement, type Role } from "aws-cdk-lib/aws-iam";
import { Code } from "aws-cdk-lib/aws-lambda";
import type { RetentionDays } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";
import type { CompiledWorkflow } from "../engine/model/compiled.ts";
import { LOCK_FUNCTION, resourceName, SETTLE_FUNCTION, SUBMIT_FUNCTION, SWEEP_FUNCTION } from "../engine/model/wire.ts";
import { acknowledgeWildcard } from "./acknowledge.ts";
import { assemblyDirectory } from "./assembly.ts";
import { bundleFunctions } from "./bundle.ts";
import { usedDomains, type Domains } from "./domains.ts";
import { functionEntries, type Entry } from "./entries.ts";
import { machineArn } from "./machine-arn.ts";
import { NodeFunction, type FunctionOptions } from "./node-function.ts";
import { OWN_FUNCTIONS, type OwnFunction } from "./own-functions.ts";
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

/** A Lambda function for each domain that the workflows use, and those of Millrace itself; each may do what its code does. */
export class Functions extends Construct {
  readonly domains: ReadonlyMap<string, NodeFunction>;
  /** Millrace's own, by name. */
  readonly own: ReadonlyMap<string, NodeFunction>;
  readonly submit: NodeFunction;
  readonly settle: NodeFunction;
  readonly sweep: NodeFunction;
  private readonly props: FunctionsProps;
  private readonly codes: ReadonlyMap<string, Code>;

  constructor(scope: Construct, id: string, props: FunctionsProps) {
    super(scope, id);
    const domains = usedDomains(props.stack, props.workflows, props.domains);
    this.props = props;
    this.codes = this.bundle(functionEntries(props.root, props.workflows, domains, props.domains));
    this.own = new Map(OWN_FUNCTIONS.map((own) => [own.name, this.createOwn(own)]));
    this.submit = this.own.get(SUBMIT_FUNCTION) as NodeFunction;
    this.settle = this.own.get(SETTLE_FUNCTION) as NodeFunction;
    this.sweep = this.own.get(SWEEP_FUNCTION) as NodeFunction;
    this.domains = new Map(domains.map((domain) => [domain, this.createDomain(domain)]));
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
    const called = [SUBMIT_FUNCTION, LOCK_FUNCTION].flatMap((name) => this.own.get(name)?.function.functionArn ?? []);
    made.role.addToPolicy(new PolicyStatement({ actions: ["lambda:InvokeFunction"], resources: called }));
    return made;
  }

  private createOwn({ name, description, timeoutSeconds, items, machines, executions }: OwnFunction): NodeFunction {
    const { stack, storage, maximumAges } = this.props;
    const environment = name === SUBMIT_FUNCTION ? { MILLRACE_MAX_AGE: JSON.stringify(maximumAges) } : {};
    const made = this.create(name, description, Duration.seconds(timeoutSeconds), { environment });
    storage.grantItems(made.role, items);
    made.grantRuns(machines, machineArn(this, stack, "*"));
    if (executions.length > 0) made.grantRuns(executions, machineArn(this, stack, "*:*", "execution"));
    if (name === SWEEP_FUNCTION) this.grantPruning(made.role);
    return made;
  }

  /** Versions of the stack's functions; never a function as a whole, whose ARN has no qualifier. */
  private grantPruning(role: Role): void {
    const functions = Stack.of(this).formatArn({
      service: "lambda",
      resource: "function",
      resourceName: resourceName(this.props.stack, "*"),
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
    const leave = { "lambda:ListVersionsByFunction": functions, "lambda:DeleteFunction": `${functions}:*` };
    for (const [action, resource] of Object.entries(leave)) {
      role.addToPolicy(new PolicyStatement({ actions: [action], resources: [resource] }));
      acknowledgeWildcard(role, resource, "Every function of the stack has this prefix and no other has.");
    }
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
