# A Fargate task that EventBridge Scheduler starts on Mondays. The image has
# the configuration in it: FROM trimtrail:v0.1.0, COPY trimtrail.yaml /etc/trimtrail/.
terraform {
  required_version = ">= 1.5"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.73"
    }
  }
}

variable "image" { type = string }
variable "cluster_arn" { type = string }
variable "subnets" { type = list(string) }
variable "security_groups" { type = list(string) }
variable "archive_bucket" { type = string }
variable "archive_key_arn" { type = string }
variable "lake_bucket" { type = string }
variable "lake_key_arn" { type = string }
variable "topic_arn" { type = string }

variable "schedule" {
  type    = string
  default = "cron(0 6 ? * MON *)"
}

variable "time_zone" {
  type    = string
  default = "Etc/UTC"
}

data "aws_caller_identity" "current" {}
data "aws_region" "current" {}

locals {
  account = data.aws_caller_identity.current.account_id
  region  = data.aws_region.current.name
  via_s3  = { StringEquals = { "kms:ViaService" = "s3.${local.region}.amazonaws.com" } }

  reading = {
    Version = "2012-10-17"
    Statement = [
      { Sid = "ListTheArchive", Effect = "Allow", Action = "s3:ListBucket", Resource = "arn:aws:s3:::${var.archive_bucket}" },
      { Sid = "ReadTheArchive", Effect = "Allow", Action = "s3:GetObject", Resource = "arn:aws:s3:::${var.archive_bucket}/AWSLogs/*" },
      { Sid = "DecryptTheArchive", Effect = "Allow", Action = "kms:Decrypt", Resource = var.archive_key_arn, Condition = local.via_s3 },
      {
        Sid    = "ReadIAM"
        Effect = "Allow"
        Action = [
          "iam:GenerateCredentialReport",
          "iam:GetAccountAuthorizationDetails",
          "iam:GetAccountPasswordPolicy",
          "iam:GetAccountSummary",
          "iam:GetCredentialReport",
          "iam:ListVirtualMFADevices",
        ]
        Resource = "*"
      },
      {
        Sid    = "ReadTrails"
        Effect = "Allow"
        Action = [
          "cloudtrail:DescribeTrails",
          "cloudtrail:GetEventSelectors",
          "cloudtrail:GetTrailStatus",
          "cloudtrail:ListTrails",
        ]
        Resource = "*"
      },
      { Sid = "FindTheOrganization", Effect = "Allow", Action = "organizations:DescribeOrganization", Resource = "*" },
    ]
  }

  writing = {
    Version = "2012-10-17"
    Statement = [
      { Sid = "ListTheLake", Effect = "Allow", Action = "s3:ListBucket", Resource = "arn:aws:s3:::${var.lake_bucket}" },
      {
        Sid      = "KeepTheLake"
        Effect   = "Allow"
        Action   = ["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetObject", "s3:PutObject"]
        Resource = "arn:aws:s3:::${var.lake_bucket}/lake/*"
      },
      { Sid = "EncryptTheLake", Effect = "Allow", Action = ["kms:Decrypt", "kms:GenerateDataKey"], Resource = var.lake_key_arn, Condition = local.via_s3 },
      { Sid = "WriteReports", Effect = "Allow", Action = ["s3:AbortMultipartUpload", "s3:PutObject"], Resource = "arn:aws:s3:::${var.lake_bucket}/reports/*" },
      { Sid = "TellTheTopic", Effect = "Allow", Action = "sns:Publish", Resource = var.topic_arn },
    ]
  }

  trusted = { for s in ["ecs-tasks", "scheduler"] : s => jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "${s}.amazonaws.com" }
      Condition = { StringEquals = { "aws:SourceAccount" = local.account } }
    }]
  }) }
}

resource "aws_iam_role" "task" {
  name               = "trimtrail"
  assume_role_policy = local.trusted["ecs-tasks"]
}

resource "aws_iam_role_policy" "reading" {
  name   = "reading"
  role   = aws_iam_role.task.id
  policy = jsonencode(local.reading)
}

resource "aws_iam_role_policy" "writing" {
  name   = "writing"
  role   = aws_iam_role.task.id
  policy = jsonencode(local.writing)
}

resource "aws_iam_role" "start" {
  name               = "trimtrail-start"
  assume_role_policy = local.trusted["ecs-tasks"]
}

resource "aws_iam_role_policy_attachment" "start" {
  role       = aws_iam_role.start.name
  policy_arn = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"
}

resource "aws_cloudwatch_log_group" "logs" {
  name              = "/trimtrail"
  retention_in_days = 90
}

resource "aws_ecs_task_definition" "run" {
  family                   = "trimtrail"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = 2048
  memory                   = 4096
  task_role_arn            = aws_iam_role.task.arn
  execution_role_arn       = aws_iam_role.start.arn

  ephemeral_storage {
    size_in_gib = 30
  }

  volume {
    name = "tmp"
  }

  container_definitions = jsonencode([{
    name                   = "trimtrail"
    image                  = var.image
    command                = ["run", "--once", "--config", "/etc/trimtrail/trimtrail.yaml", "--log-format", "json"]
    essential              = true
    readonlyRootFilesystem = true
    stopTimeout            = 120
    mountPoints            = [{ sourceVolume = "tmp", containerPath = "/tmp", readOnly = false }]
    logConfiguration = {
      logDriver = "awslogs"
      options = {
        awslogs-group         = aws_cloudwatch_log_group.logs.name
        awslogs-region        = local.region
        awslogs-stream-prefix = "run"
      }
    }
  }])
}

resource "aws_iam_role" "schedule" {
  name               = "trimtrail-schedule"
  assume_role_policy = local.trusted["scheduler"]
}

resource "aws_iam_role_policy" "schedule" {
  name = "start-the-task"
  role = aws_iam_role.schedule.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "RunTheTask"
        Effect    = "Allow"
        Action    = "ecs:RunTask"
        Resource  = "${aws_ecs_task_definition.run.arn_without_revision}:*"
        Condition = { ArnEquals = { "ecs:cluster" = var.cluster_arn } }
      },
      {
        Sid       = "PassItsRoles"
        Effect    = "Allow"
        Action    = "iam:PassRole"
        Resource  = [aws_iam_role.task.arn, aws_iam_role.start.arn]
        Condition = { StringEquals = { "iam:PassedToService" = "ecs-tasks.amazonaws.com" } }
      },
    ]
  })
}

resource "aws_scheduler_schedule" "weekly" {
  name                         = "trimtrail"
  schedule_expression          = var.schedule
  schedule_expression_timezone = var.time_zone

  flexible_time_window {
    mode                      = "FLEXIBLE"
    maximum_window_in_minutes = 10
  }

  target {
    arn      = var.cluster_arn
    role_arn = aws_iam_role.schedule.arn

    ecs_parameters {
      task_definition_arn = aws_ecs_task_definition.run.arn
      launch_type         = "FARGATE"

      network_configuration {
        subnets          = var.subnets
        security_groups  = var.security_groups
        assign_public_ip = false
      }
    }

    retry_policy {
      maximum_retry_attempts       = 2
      maximum_event_age_in_seconds = 3600
    }
  }
}
