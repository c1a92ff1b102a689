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
`
