module wirephoto/oracle

go 1.26
