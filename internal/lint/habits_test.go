package lint

import (
	"go/ast"
	"go/token"
	"path"
	"regexp"
	"slices"
	"strings"
)

// maxLines is the hard limit of a source file; aim at a quarter of it.
const maxLines = 600

// topFolders are the folders that the root may hold.
var topFolders = []string{".ci", "analyze", "cmd", "docs", "ingest", "internal", "rules", "testdata"}

var (
	leftOver = regexp.MustCompile(`\b(TO` + `DO|FIX` + `ME)\b`)
	// machinePath is a path of the machine that somebody worked on. The letter
	// in front tells it from a part of an ARN, an S3 key or a URL.
	machinePath = regexp.MustCompile(`(^|[^A-Za-z0-9._*{}/-])/(work|root|home)/`)
)

// checkInit refuses init functions: what a package needs, it is given.
func checkInit(t *tree) []breach {
	var found []breach
	for _, f := range t.goFiles() {
		for _, d := range f.ast.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.Name == "init" {
				found = append(found, f.at(fn.Pos(), "init function"))
			}
		}
	}
	return found
}

// exits lists what ends the process.
var exits = map[string][]string{
	"os":  {"Exit"},
	"log": {"Fatal", "Fatalf", "Fatalln", "Panic", "Panicf", "Panicln"},
}

// checkExit refuses the end of the process anywhere but in main, and in the
// TestMain of a test that runs its own binary.
func checkExit(t *tree) []breach {
	var found []breach
	for _, f := range t.goFiles() {
		for _, d := range f.ast.Decls {
			if f.mayExit(d) {
				continue
			}
			for importPath, names := range exits {
				f.uses(importPath, d, func(name string, pos token.Pos) {
					if slices.Contains(names, name) {
						found = append(found, f.at(pos, "%s.%s outside main", importPath, name))
					}
				})
			}
		}
	}
	return found
}

func (f *file) mayExit(d ast.Decl) bool {
	fn, ok := d.(*ast.FuncDecl)
	if !ok || fn.Recv != nil {
		return false
	}
	return fn.Name.Name == "main" && f.ast.Name.Name == "main" || fn.Name.Name == "TestMain" && f.test()
}

// checkLeftOvers refuses notes to self in the comments of Go files.
func checkLeftOvers(t *tree) []breach {
	var found []breach
	for _, f := range t.goFiles() {
		for _, group := range f.ast.Comments {
			for _, c := range group.List {
				if word := leftOver.FindString(c.Text); word != "" {
					found = append(found, f.at(c.Pos(), "%s in a comment: do it, or open an issue", word))
				}
			}
		}
	}
	return found
}

// checkSize refuses long sources. Data and documents may be long.
func checkSize(t *tree) []breach {
	var found []breach
	for _, f := range t.files {
		source := slices.Contains([]string{".go", ".css", ".js", ".tmpl", ".py", ".sh"}, path.Ext(f.path)) || strings.HasPrefix(f.path, ".ci/")
		if n := strings.Count(f.text, "\n"); source && !fixture(f.path) && n > maxLines {
			found = append(found, f.line(n, "%d lines; the limit is %d", n, maxLines))
		}
	}
	return found
}

// checkFolders refuses new folders at the root.
func checkFolders(t *tree) []breach {
	var found []breach
	seen := map[string]bool{}
	for _, f := range t.files {
		top, _, ok := strings.Cut(f.path, "/")
		if ok && !seen[top] && !slices.Contains(topFolders, top) {
			found = append(found, f.line(1, "folder %s at the root", top))
		}
		seen[top] = true
	}
	return found
}

// checkMachine refuses paths of somebody's machine in any text.
func checkMachine(t *tree) []breach {
	var found []breach
	for _, f := range t.files {
		if strings.Contains(f.text, "\x00") {
			continue // not a text
		}
		n := 0
		for text := range strings.SplitSeq(f.text, "\n") {
			n++
			if machinePath.MatchString(text) {
				found = append(found, f.line(n, "path of a machine: %s", strings.TrimSpace(machinePath.FindString(text))))
			}
		}
	}
	return found
}
