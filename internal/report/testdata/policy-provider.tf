terraform {
  required_version = ">= 1.5"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.73"
    }
  }
}

provider "aws" {
  allowed_account_ids = ["111122223333"]
}
