import concurrent.futures

from kit import client, probe, same, unique

db = client("dynamodb")
S = lambda text: {"S": text}
N = lambda number: {"N": str(number)}


def table():
    name = unique("T")
    db.create_table(
        TableName=name, BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": n, "AttributeType": "S"} for n in ("pk", "sk", "g")],
        GlobalSecondaryIndexes=[{"IndexName": "gsi", "Projection": {"ProjectionType": "ALL"}, "KeySchema": [
            {"AttributeName": "g", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}]}])
    return name


@probe
def thirty_contenders_for_one_lock():
    name, winners = table(), []
    failed = db.exceptions.ConditionalCheckFailedException

    def take(key):
        try:
            db.put_item(TableName=name, Item={"pk": S(key), "sk": S("-")}, ConditionExpression="attribute_not_exists(pk)")
            return 1
        except failed:
            return 0

    def slot(_):
        try:
            db.update_item(TableName=name, Key={"pk": S("sem"), "sk": S("-")}, UpdateExpression="ADD used :o",
                           ConditionExpression="attribute_not_exists(used) OR used < :l",
                           ExpressionAttributeValues={":o": N(1), ":l": N(5)})
            return 1
        except failed:
            return 0

    def count(_):
        db.update_item(TableName=name, Key={"pk": S("n"), "sk": S("-")}, UpdateExpression="ADD c :o",
                       ExpressionAttributeValues={":o": N(1)})

    with concurrent.futures.ThreadPoolExecutor(30) as pool:
        for attempt in range(10):
            winners.append(sum(pool.map(take, [f"lock{attempt}"] * 30)))
        slots = sum(pool.map(slot, range(60)))
        list(pool.map(count, range(300)))
    counted = db.get_item(TableName=name, Key={"pk": S("n"), "sk": S("-")}, ConsistentRead=True)["Item"]["c"]["N"]
    same((winners, slots, counted), ([1] * 10, 5, "300"))


@probe
def conditional_write_shows_the_old_item():
    name = table()
    item = {"pk": S("a"), "sk": S("1"), "c": N(1)}
    db.put_item(TableName=name, Item=item)
    try:
        db.put_item(TableName=name, Item=item, ConditionExpression="attribute_not_exists(pk)",
                    ReturnValuesOnConditionCheckFailure="ALL_OLD")
    except db.exceptions.ConditionalCheckFailedException as error:
        same(error.response["Item"], item)


@probe
def index_queries():
    name = table()
    for number in range(25):
        db.put_item(TableName=name, Item={"pk": S(f"p{number}"), "sk": S(f"{number:03}"), "g": S("x" if number % 2 else "y")})
    page = dict(TableName=name, IndexName="gsi", KeyConditionExpression="g = :g AND sk > :s", ScanIndexForward=False,
                ExpressionAttributeValues={":g": S("x"), ":s": S("003")}, Limit=4)
    first = db.query(**page)
    same([i["sk"]["S"] for i in first["Items"]], ["023", "021", "019", "017"])
    second = db.query(**page, ExclusiveStartKey=first["LastEvaluatedKey"])
    same([i["sk"]["S"] for i in second["Items"]], ["015", "013", "011", "009"])
