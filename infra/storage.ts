import { Duration, RemovalPolicy } from "aws-cdk-lib";
import { AttributeType, BillingMode, ProjectionType, Table } from "aws-cdk-lib/aws-dynamodb";
import { PolicyStatement, type Role } from "aws-cdk-lib/aws-iam";
import { BlockPublicAccess, Bucket, BucketEncryption } from "aws-cdk-lib/aws-s3";
import { Construct } from "constructs";
import { ITEMS_TABLE, OPEN_INDEX, RESULT_PREFIX, resourceName } from "../engine/model/wire.ts";
import { acknowledge, acknowledgeWildcard } from "./acknowledge.ts";
import { LOCKS, type ItemLeave } from "./own-functions.ts";

/** Results that lie in the blob store are kept as long as Step Functions keeps the history of their run. */
const RESULTS_KEPT = Duration.days(90);

/** Items that the tasks of a domain reach. */
const DOMAIN: readonly ItemLeave[] = [
  ["DOMAIN#<domain>#*", ["GetItem", "PutItem", "UpdateItem", "DeleteItem", "Query"], "index"],
  ["CACHE#<domain>#*", ["GetItem", "UpdateItem"]],
  ["RUN#*", ["GetItem", "UpdateItem"]],
  ["TAG#*", ["PutItem"]],
  ...LOCKS,
];

/** What outlives a deployment: the items table and the blob bucket. `cdk destroy` leaves both. */
export class Storage extends Construct {
  readonly table: Table;
  readonly bucket: Bucket;

  constructor(scope: Construct, id: string, stack: string) {
    super(scope, id);
    this.table = new Table(this, "Items", {
      tableName: resourceName(stack, ITEMS_TABLE),
      partitionKey: { name: "pk", type: AttributeType.STRING },
      sortKey: { name: "sk", type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      timeToLiveAttribute: "ttl",
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    });
    this.table.addGlobalSecondaryIndex({
      indexName: OPEN_INDEX,
      partitionKey: { name: "gk", type: AttributeType.STRING },
      sortKey: { name: "gs", type: AttributeType.STRING },
      projectionType: ProjectionType.KEYS_ONLY,
    });
    this.bucket = new Bucket(this, "Blobs", {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
      lifecycleRules: [
        { id: "uploads", abortIncompleteMultipartUploadAfter: Duration.days(1) },
        { id: "results", prefix: RESULT_PREFIX, expiration: RESULTS_KEPT },
      ],
    });
    acknowledge(
      this.bucket,
      "S1",
      "Access logs need a second bucket and cost by request; CloudTrail data events answer who read a blob where that is asked.",
    );
  }

  /**
   * What a domain's tasks do: all to its own items, cached results and blobs; besides they tag runs, wait for children,
   * take locks, and leave results where other domains find them.
   */
  grantDomain(role: Role, domain: string): void {
    this.grantItems(
      role,
      DOMAIN.map(([keys, ...others]) => [keys.replace("<domain>", domain), ...others]),
    );
    this.grantBlobs(role, `${domain}/*`, ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"]);
    this.grantBlobs(role, `${RESULT_PREFIX}*`, ["s3:GetObject", "s3:PutObject"]);
    // S3 calls a missing blob denied where there is no leave to list; the request for a blob has no prefix.
    role.addToPolicy(
      new PolicyStatement({
        actions: ["s3:ListBucket"],
        resources: [this.bucket.bucketArn],
        conditions: { StringLikeIfExists: { "s3:prefix": `${domain}/*` } },
      }),
    );
  }

  /** Single items and queries of one partition, whose key has this form: no action here reads across partitions. */
  grantItems(role: Role, leave: readonly ItemLeave[]): void {
    const { tableArn } = this.table;
    for (const [keys, actions, index] of leave) {
      role.addToPolicy(
        new PolicyStatement({
          actions: actions.map((action) => `dynamodb:${action}`),
          resources: [tableArn, ...(index === undefined ? [] : [`${tableArn}/index/${OPEN_INDEX}`])],
          conditions: { "ForAllValues:StringLike": { "dynamodb:LeadingKeys": keys } },
        }),
      );
    }
  }

  private grantBlobs(role: Role, keys: string, actions: string[]): void {
    const blobs = this.bucket.arnForObjects(keys);
    role.addToPolicy(new PolicyStatement({ actions, resources: [blobs] }));
    acknowledgeWildcard(role, blobs, "Keys of blobs are made by tasks as they run: only their prefix is known.");
  }
}
