package lint

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// rule is one thing that the repository promises.
type rule struct {
	name  string
	check func(*tree) []breach
}

var rules = []rule{
	{"imports", checkImports},
	{"purity", checkPurity},
	{"package comments", checkPackageDocs},
	{"comments of exported names", checkExported},
	{"init", checkInit},
	{"exit", checkExit},
	{"left over", checkLeftOvers},
	{"size", checkSize},
	{"folders", checkFolders},
	{"machine", checkMachine},
}

// TestRepository holds this repository to every rule.
func TestRepository(t *testing.T) {
	const root = "../.."
	names, err := sources(root)
	if err != nil {
		t.Fatal(err)
	}
	tree, err := readTree(os.DirFS(root), names)
	if err != nil {
		t.Fatal(err)
	}
	if len(tree.goFiles()) < 50 {
		t.Fatalf("only %d Go files found: this is not the whole tree", len(tree.goFiles()))
	}
	for _, r := range rules {
		t.Run(r.name, func(t *testing.T) {
			found := r.check(tree)
			slices.SortFunc(found, compare)
			for _, b := range found {
				t.Error(b)
			}
		})
	}
}

// sources returns the files of the repository: those that git tracks or would
// offer to; all of them where this is no clone.
func sources(root string) ([]string, error) {
	c := exec.Command("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
	c.Dir = root
	out, err := c.Output()
	if err == nil && len(out) > 0 {
		return strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00"), nil
	}
	var names []string
	err = fs.WalkDir(os.DirFS(root), ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil
		case err != nil:
			return err
		case d.IsDir() && d.Name() == ".git":
			return fs.SkipDir
		case d.Type().IsRegular():
			names = append(names, name)
		}
		return nil
	})
	return names, err
}
