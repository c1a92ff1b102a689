#!/usr/bin/env bash
# user/alice of account 111122223333: READY, 0 calls
# size      0 → 0 actions
# no new    proven: it grants nothing that the current policies do not
# backtest  none: the days held back had no call to try
#
# Takes back what the script of the same name did, as far as it got.
set -euo pipefail
export AWS_PAGER=

fail() {
  echo "error: $*" >&2
  exit 1
}

# keep FILE COMMAND…: keeps what a command prints; not again where it is kept.
keep() {
  local file=$saved/$1
  shift
  if [ ! -e "$file" ]; then
    "$@" >"$file.part"
    mv -- "$file.part" "$file"
  fi
}

# step NAME COMMAND…: takes a step and marks it; not again where it is marked.
step() {
  local mark=$saved/$1.done
  shift
  if [ ! -e "$mark" ]; then
    "$@" >/dev/null
    : >"$mark"
  fi
}

# undo NAME COMMAND…: takes a step back where it was taken.
undo() {
  local mark=$saved/$1.done
  shift
  if [ -e "$mark" ]; then
    "$@" >/dev/null
    rm -- "$mark"
  fi
}

# forget NAME: removes what was kept for a step that is undone.
forget() {
  rm -f -- "$saved/$1.json" "$saved/$1.version" "$saved/$1.new"
}

# room ARN: fails where a managed policy has five versions already.
room() {
  local oldest
  if [ "$(aws iam list-policy-versions --policy-arn "$1" --query 'length(Versions)' --output text)" -ge 5 ]; then
    oldest=$(aws iam list-policy-versions --policy-arn "$1" --query 'sort_by(Versions[?!IsDefaultVersion], &CreateDate)[0].VersionId' --output text)
    echo "error: $1 has five versions. Make room by deleting the oldest that is not in use:" >&2
    printf '  aws iam delete-policy-version --policy-arn %q --version-id %s\n' "$1" "$oldest" >&2
    exit 1
  fi
}

# document ARN VERSION: prints a version of a managed policy.
document() {
  aws iam get-policy-version --policy-arn "$1" --version-id "$2" --query PolicyVersion.Document --output json
}

account=$(aws sts get-caller-identity --query Account --output text)
[ "$account" = 111122223333 ] || fail "these credentials are of account $account, not 111122223333"

# user/alice
saved=${TRIMTRAIL_SAVED:-$(dirname -- "$0")}/user-alice.saved
[ -d "$saved" ] || fail "$saved is not there: nothing to take back"
undo 6-leave aws iam add-user-to-group --user-name alice --group-name dev
forget 6-leave
undo 5-delete aws iam put-user-policy --user-name alice --policy-name old --policy-document "file://$saved/5-delete.json"
forget 5-delete
undo 4-detach aws iam attach-user-policy --user-name alice --policy-arn arn:aws:iam::aws:policy/AdministratorAccess
forget 4-detach
undo 3-put aws iam put-user-policy --user-name alice --policy-name work --policy-document "file://$saved/3-put.json"
forget 3-put
if [ -e "$saved/2-version.new" ]; then
  aws iam set-default-policy-version --policy-arn arn:aws:iam::111122223333:policy/team/own --version-id "$(cat "$saved/2-version.version")"
  aws iam delete-policy-version --policy-arn arn:aws:iam::111122223333:policy/team/own --version-id "$(cat "$saved/2-version.new")"
fi
forget 2-version
undo 1-create.attach aws iam detach-user-policy --user-name alice --policy-arn arn:aws:iam::111122223333:policy/AdministratorAccess-alice
undo 1-create aws iam delete-policy --policy-arn arn:aws:iam::111122223333:policy/AdministratorAccess-alice
forget 1-create
rmdir -- "$saved" 2>/dev/null || true
echo 'user/alice: as it was'
