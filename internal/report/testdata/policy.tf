# user/alice of account 111122223333: READY, 0 calls
# size      0 → 0 actions
# no new    proven: it grants nothing that the current policies do not
# backtest  none: the days held back had no call to try

# Stands for arn:aws:iam::aws:policy/AdministratorAccess.
resource "aws_iam_policy" "user_alice__AdministratorAccess-alice" {
  name = "AdministratorAccess-alice"

  policy = <<-JSON
    {
      "Version": "2012-10-17",
      "Statement": [
        {
          "Effect": "Allow",
          "Action": "s3:GetObject",
          "Resource": "arn:aws:s3:::b/$${aws:username}/*"
        }
      ]
    }
  JSON
}

resource "aws_iam_user_policy_attachment" "user_alice__AdministratorAccess-alice" {
  user       = "alice"
  policy_arn = aws_iam_policy.user_alice__AdministratorAccess-alice.arn
}

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
          "Action": "s3:GetObject",
          "Resource": "arn:aws:s3:::b/$${aws:username}/*"
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
          "Action": "s3:GetObject",
          "Resource": "arn:aws:s3:::b/$${aws:username}/*"
        }
      ]
    }
  JSON
}

# Detaches arn:aws:iam::aws:policy/AdministratorAccess.
import {
  to = aws_iam_user_policy_attachments_exclusive.user_alice
  id = "alice"
}

resource "aws_iam_user_policy_attachments_exclusive" "user_alice" {
  user_name = "alice"

  policy_arns = [
    "arn:aws:iam::111122223333:policy/team/own",
    "arn:aws:iam::111122223333:policy/unread",
    "arn:aws:iam::111122223333:policy/AdministratorAccess-alice",
  ]

  depends_on = [
    aws_iam_user_policy_attachment.user_alice__AdministratorAccess-alice,
    aws_iam_policy.user_alice__own,
    aws_iam_user_policy.user_alice__work,
  ]
}

# Deletes old.
import {
  to = aws_iam_user_policies_exclusive.user_alice
  id = "alice"
}

resource "aws_iam_user_policies_exclusive" "user_alice" {
  user_name = "alice"

  policy_names = [
    "work",
    "same",
  ]

  depends_on = [
    aws_iam_user_policy_attachment.user_alice__AdministratorAccess-alice,
    aws_iam_policy.user_alice__own,
    aws_iam_user_policy.user_alice__work,
  ]
}

# Leaves dev.
import {
  to = aws_iam_user_group_membership.user_alice
  id = "alice/dev"
}

resource "aws_iam_user_group_membership" "user_alice" {
  user = "alice"

  groups = []

  depends_on = [
    aws_iam_user_policy_attachment.user_alice__AdministratorAccess-alice,
    aws_iam_policy.user_alice__own,
    aws_iam_user_policy.user_alice__work,
  ]
}
