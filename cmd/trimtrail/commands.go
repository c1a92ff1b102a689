package main

import "github.com/spf13/cobra"

// commands are all commands, in the order of a first week with the tool.
func commands(io streams) []*cobra.Command {
	return []*cobra.Command{
		demoCmd(io),
		ingestCmd(io),
		iamCmd(io),
		analyzeCmd(io),
		policyCmd(io),
		reportCmd(io),
		runCmd(io),
		explainCmd(io),
		newAttributeCmd(io),
		catalogCmd(io),
		canCmd(io),
		verifyCmd(io),
		configCmd(io),
		lakeCmd(io),
		rulesCmd(io),
		versionCmd(io),
		manualCmd(),
	}
}
