# As it was before, to take this back:
# user/alice of account 111122223333: READY, 0 calls
# size      0 → 0 actions
# no new    proven: it grants nothing that the current policies do not
# backtest  none: the days held back had no call to try

# A new default version; the provider deletes the oldest one where there are five.
import {
  to = aws_iam_policy.user_alice__own
  id = "arn:aws:iam::111122223333:policy/team/own"
}

resource "aws_iam_policy" "user_alice__own" {
  name = "own"
  path = "/team/"

  policy = <<-JSON
    {
      "Version": "2012-10-17",
      "Statement": [
        {
          "Effect": "Allow",
          "Action": "*",
          "Resource": "*"
        }
      ]
    }
  JSON

  lifecycle {
    ignore_changes = [description, tags]
  }
}

import {
  to = aws_iam_user_policy.user_alice__work
  id = "alice:work"
}

resource "aws_iam_user_policy" "user_alice__work" {
  name = "work"
  user = "alice"

  policy = <<-JSON
    {
      "Version": "2012-10-17",
      "Statement": [
        {
          "Effect": "Allow",
          "Action": "*",
          "Resource": "*"
        }
      ]
    }
  JSON
}

resource "aws_iam_user_policy" "user_alice__old" {
  name = "old"
  user = "alice"

  policy = <<-JSON
    {
      "Version": "2012-10-17",
      "Statement": [
        {
          "Effect": "Allow",
          "Action": "*",
          "Resource": "*"
        }
      ]
    }
  JSON
}

# Attaches arn:aws:iam::aws:policy/AdministratorAccess.
import {
  to = aws_iam_user_policy_attachments_exclusive.user_alice
  id = "alice"
}

resource "aws_iam_user_policy_attachments_exclusive" "user_alice" {
  user_name = "alice"

  policy_arns = [
    "arn:aws:iam::111122223333:policy/team/own",
    "arn:aws:iam::aws:policy/AdministratorAccess",
    "arn:aws:iam::111122223333:policy/unread",
  ]

  depends_on = [
    aws_iam_policy.user_alice__own,
    aws_iam_user_policy.user_alice__work,
    aws_iam_user_policy.user_alice__old,
  ]
}

# Has old.
import {
  to = aws_iam_user_policies_exclusive.user_alice
  id = "alice"
}

resource "aws_iam_user_policies_exclusive" "user_alice" {
  user_name = "alice"

  policy_names = [
    "work",
    "old",
    "same",
  ]

  depends_on = [
    aws_iam_policy.user_alice__own,
    aws_iam_user_policy.user_alice__work,
    aws_iam_user_policy.user_alice__old,
  ]
}

# Joins dev.
import {
  to = aws_iam_user_group_membership.user_alice
  id = "alice/dev"
}

resource "aws_iam_user_group_membership" "user_alice" {
  user = "alice"

  groups = [
    "dev",
  ]

  depends_on = [
    aws_iam_policy.user_alice__own,
    aws_iam_user_policy.user_alice__work,
    aws_iam_user_policy.user_alice__old,
  ]
}
