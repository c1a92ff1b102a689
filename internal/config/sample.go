package config

// Sample is a configuration file with every key, each explained. What would
// change findings is commented out; a test reads it both ways.
const Sample = `# Configuration of trimtrail: give it to a command with --config trimtrail.yaml.
# Every key may be left out. Check the file with  trimtrail config check.

# After how many days something counts as unused, or as due.
thresholds:
  unused_days: 90      # keys, passwords, roles and permissions (AWS FSBP: 90, CIS: 45)
  rotate_days: 90      # age at which a long-term key is due
  max_per_rule: 200    # findings of one rule in one account; the rest is one line
  network_budget: 10   # medium findings on new networks (TT-A03)

# Networks of your own: use from there is nobody else's.
networks:
  # 203.0.113.0/24: office Berlin
  # 2001:db8:40::/48: VPN
  # mmdb: [GeoLite2-ASN.mmdb, GeoLite2-Country.mmdb]   # owners and countries of all others; beside this file
  # aws_ranges: ip-ranges.json                         # AWS's list of its own

# Who answers for a principal: the first pattern that fits. * and ? are wild.
owners:
  # - principal: role/etl-*
  #   account: "111122223333"    # left out: any
  #   owner: data@example.com

# Findings that may pass until a day. Once it is over they are shown again.
exceptions:
  # - rule: TT-C01               # or a pattern, as TT-C*; or finding: and an id
  #   principal: user/legacy-*   # an ARN, user/NAME, role/NAME or NAME
  #   reason: the vendor moves in June
  #   expires: 2026-06-30        # the last day

# Rules that are not asked, and severities in place of the rules' own.
disabled: []
severity:
  # TT-C05: medium

# Rules of your own, in CEL (https://cel.dev): docs/configuration.md has the fields.
# Try them with  trimtrail rules test.
rules:
  # - id: X-USERS
  #   title: A user made by hand
  #   severity: high
  #   for: change                # principal, denial, change or credential
  #   when: |
  #     change.event_name == "CreateUser" && !glob(principal.name, "pipeline-*")
  #   message: "{principal.name} made {change.target}"
  #   fix: Delete the user; people sign in through IAM Identity Center.
  #   must_fire:
  #     - principal: {name: alice}
  #       change: {event_name: CreateUser}
  #   must_stay_quiet:
  #     - principal: {name: pipeline-eu}
  #       change: {event_name: CreateUser}

# What  trimtrail run --config trimtrail.yaml  does. Paths begin at this file's folder.

# A directory, or s3://bucket/prefix.
lake: lake

# How a lake in a bucket is reached and written.
lake_access:
  # profile: audit
  # region: eu-west-1
  # endpoint_url: http://127.0.0.1:9000
  # path_style: true
  # kms_key: alias/lake
  # bucket_owner: "111122223333"

# Archives of CloudTrail logs, read one after the other.
sources:
  # - uri: s3://org-trail/AWSLogs/
  #   profile: audit             # as in the AWS CLI; and bucket_region, endpoint_url, path_style
  #   since: 90d                 # of delivery; and until
  #   accounts: ["111122223333"]
  #   regions: [eu-west-1]
  #   org_ids: [o-a1b2c3d4e5]

ingest:
  # workers: 2                   # left out: one a core
  # memory: 256MiB

# The IAM state is asked from AWS, read from files, or both.
iam:
  # pull:
  #   profile: audit
  #   org_role: trimtrail        # or role_arn_pattern; and accounts, external_id, region, endpoint_url, workers
  #   last_accessed: service     # or action
  #   access_keys: true
  #   parts: [details, report]
  # load: [iam]                  # files or folders

analysis:
  # window: 90d
  # fail_on: high                # exit code 3 where a finding that is new or worse is this severe
  # reference: reference         # as --reference

policies:
  # dir: policies
  # format: terraform            # json, terraform, cloudformation or cli
  # include_review: false

reports:
  # keep: 30                     # that many are kept in the lake to compare with
  # title: Access of Example Ltd
  # location: https://reports.example.com/latest/report.html   # for messages
  # files:
  #   - path: report.html        # the name says the format; else format:
  #   - path: findings.ocsf
  #     format: ocsf

# Who is told, and of what: findings that are new or worse and severe enough.
# Secrets come from the environment (_env) or a file (_file), never from here.
deliveries:
  # - name: archive
  #   kind: s3                   # dated keys, and latest/
  #   uri: s3://reports/trimtrail
  #   formats: [html, json]      # and profile, region, endpoint_url, path_style, kms_key
  # - name: share
  #   kind: directory
  #   path: /srv/reports
  # - name: security-team
  #   kind: slack                # or what takes Slack's webhooks
  #   url_env: SLACK_URL
  #   min_severity: high         # left out: everything
  #   always: true               # also where nothing is new
  # - name: soar
  #   kind: webhook
  #   url: https://soar.example.com/hooks/trimtrail   # or url_env, url_file
  #   secret_file: /run/secrets/soar                  # signs; token_env and token_file for Authorization: Bearer
  # - name: owners
  #   kind: smtp
  #   host: smtp.example.com     # and port; tls: starttls, implicit or none
  #   user: trimtrail
  #   password_env: SMTP_PASSWORD
  #   from: trimtrail@example.com
  #   to: [security@example.com]
  #   formats: [html]            # attached
  # - name: mail-by-ses
  #   kind: ses
  #   region: eu-west-1
  #   from: trimtrail@example.com
  #   to: [security@example.com]
  # - name: topic
  #   kind: sns
  #   topic_arn: arn:aws:sns:eu-west-1:111122223333:access-findings
  # - name: hub
  #   kind: security_hub
  #   region: eu-west-1
  #   account: "111122223333"    # left out: that of the credentials
  #   min_severity: medium

# With it  trimtrail run  stays and repeats; --once does not.
schedule:
  # cron: "0 6 * * 1"            # minute, hour, day, month, weekday: Mondays at six
  # time_zone: Europe/Berlin     # left out: UTC
  # jitter: 10m                  # begins up to so much later
`
