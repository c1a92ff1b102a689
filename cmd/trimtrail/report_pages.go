package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/trimtrail/trimtrail/internal/report"
)

// isFolder reports whether out names a folder rather than a file.
func isFolder(out string) bool {
	if strings.HasSuffix(out, "/") || strings.HasSuffix(out, string(filepath.Separator)) {
		return true
	}
	info, err := os.Stat(out)
	return err == nil && info.IsDir()
}

// writePages writes an HTML report of many pages, the summary at out, or as
// index.html where out is a folder. It returns the size of the summary.
func writePages(out string, m *report.Model) (int, error) {
	dir, o := filepath.Dir(out), report.PagesOptions{Summary: filepath.Base(out)}
	o.Folder = strings.TrimSuffix(o.Summary, filepath.Ext(o.Summary)) + "-pages"
	if isFolder(out) {
		dir, o = out, report.PagesOptions{Summary: "index.html", Folder: "pages"}
	}
	written, size := map[string]bool{}, 0
	err := report.HTMLPages(m, o, func(name string, data []byte) error {
		written[filepath.Base(name)], size = true, len(data)
		return writeFile(filepath.Join(dir, filepath.FromSlash(name)), data)
	})
	if err != nil {
		return 0, err
	}
	return size, forgetPages(filepath.Join(dir, o.Folder), written)
}

// aPage is the name of a page of a report.
var aPage = regexp.MustCompile(`^[0-9]{3,}\.html$`)

// forgetPages removes the pages of an earlier, longer report from folder.
func forgetPages(folder string, keep map[string]bool) error {
	files, err := os.ReadDir(folder)
	if os.IsNotExist(err) {
		return nil // nobody has a page
	}
	for _, f := range files {
		if err == nil && aPage.MatchString(f.Name()) && !keep[f.Name()] {
			err = os.Remove(filepath.Join(folder, f.Name()))
		}
	}
	return err
}
