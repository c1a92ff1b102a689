# The same archive by DuckDB: gzipped JSON to one Parquet file, zstd, with the
# columns of the lake, typed, parameters as JSON text. It does less: duplicates
# stay, nothing is sorted or partitioned, members without a column are dropped.
import sys, duckdb
source, target = sys.argv[1:]
text = ['eventVersion', 'eventSource', 'eventName', 'awsRegion', 'sourceIPAddress', 'userAgent', 'errorCode',
        'errorMessage', 'requestID', 'eventID', 'eventType', 'apiVersion', 'recipientAccountId', 'sharedEventID',
        'vpcEndpointId', 'vpcEndpointAccountId', 'eventCategory']
issuer = 'STRUCT("type" VARCHAR, principalId VARCHAR, arn VARCHAR, accountId VARCHAR, userName VARCHAR)'
session = (f'STRUCT(attributes STRUCT(mfaAuthenticated VARCHAR, creationDate TIMESTAMP), sessionIssuer {issuer}, '
           'webIdFederationData STRUCT(federatedProvider VARCHAR), ec2RoleDelivery VARCHAR, sourceIdentity VARCHAR)')
identity = ('STRUCT("type" VARCHAR, principalId VARCHAR, arn VARCHAR, accountId VARCHAR, accessKeyId VARCHAR, '
            f'userName VARCHAR, invokedBy VARCHAR, identityProvider VARCHAR, sessionContext {session}, '
            'onBehalfOf STRUCT(userId VARCHAR, identityStoreArn VARCHAR))')
fields = [f'{name} VARCHAR' for name in text] + [
    'eventTime TIMESTAMP', 'readOnly BOOLEAN', 'managementEvent BOOLEAN',
    'sessionCredentialFromConsole BOOLEAN', f'userIdentity {identity}',
    'tlsDetails STRUCT(tlsVersion VARCHAR, cipherSuite VARCHAR, clientProvidedHostHeader VARCHAR)',
    'resources STRUCT("ARN" VARCHAR, accountId VARCHAR, "type" VARCHAR)[]',
    'requestParameters JSON', 'responseElements JSON', 'additionalEventData JSON', 'serviceEventDetails JSON']
con = duckdb.connect()
con.execute('set preserve_insertion_order=false')
con.execute(f"""copy (select unnest(r) from (select unnest(Records) r from read_json(?,
    columns={{'Records': '{"STRUCT(" + ", ".join(fields) + ")[]"}'}}, maximum_object_size=67108864)))
    to '{target}' (format parquet, compression zstd)""", [source + '/**/*.json.gz'])
