using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace EcgPeft.Core.Runs.Store.Postgres.Migrations
{
    /// <inheritdoc />
    public partial class Owner : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "Owner",
                table: "Runs",
                type: "text",
                nullable: true);

            // The table is an index: the first round fills it from the run folders.
            migrationBuilder.Sql("DELETE FROM \"Runs\"");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "Owner",
                table: "Runs");
        }
    }
}
