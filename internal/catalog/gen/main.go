// Command gen writes the embedded catalogue (../data/catalogue.txt.gz and
// ../data/details.txt.gz) from three public packages. It owns the choice of
// what is kept and the files' format. It runs by hand only: users and CI never
// need the inputs.
//
// Run in internal/catalog:
//
//	go run ./gen -out data
//
// It fetches the packages with npm and pip, at the versions of inputs.go, into
// a temporary directory; -iam-data, -iam-data-old and -botocore name unpacked
// ones instead (package/ of the npm archives, botocore/ of the wheel). Version
// and content of each are checked against the sums in inputs.go; the same
// inputs give the same bytes.
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
	tmp, err := os.MkdirTemp("", "catalogue")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	if err := dirs.fetch(tmp); err != nil {
		return err
	}
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
